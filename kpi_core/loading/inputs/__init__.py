"""What people type into a tab of inputs, held against what a load takes."""
