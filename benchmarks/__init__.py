"""What the product costs, measured against the simulators and beside a plain program."""
