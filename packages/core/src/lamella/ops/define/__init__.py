"""What a primitive is defined with."""
