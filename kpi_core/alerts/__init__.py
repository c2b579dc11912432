"""What is out of the ordinary: rules over answers, and one incident for each cause. Pure."""
