"""A convolution of single pixels is that of PyTorch."""

import torch

from methods.networks.convolution import Convolution


def test_single_pixel_inputs_use_the_centre_tap() -> None:
    torch.manual_seed(0)
    convolution = Convolution(4, 5, kernel_size=3, stride=2, padding=1, bias=False)
    plain = torch.nn.functional.conv2d
    pixel = torch.rand(3, 4, 1, 1)
    expected = plain(pixel, convolution.weight, stride=2, padding=1)
    torch.testing.assert_close(convolution(pixel), expected)
    (expected * 2).sum().backward()
    wanted, convolution.weight.grad = convolution.weight.grad, None
    channels_last = convolution.to(memory_format=torch.channels_last)
    (channels_last(pixel) * 2).sum().backward()
    torch.testing.assert_close(channels_last.weight.grad, wanted)
    without_padding = Convolution(4, 5, kernel_size=1, bias=False)
    torch.testing.assert_close(without_padding(pixel), plain(pixel, without_padding.weight))
