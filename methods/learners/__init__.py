"""What runs train: networks with their loss. They need PyTorch; planning a run does not."""
