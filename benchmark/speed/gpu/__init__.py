"""What a GPU report consists of: steps in order of value, each with its part of the file."""
