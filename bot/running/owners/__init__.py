"""Who answers for goals."""
