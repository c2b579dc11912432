"""What loads keep beside the facts of a warehouse that is not ours."""
