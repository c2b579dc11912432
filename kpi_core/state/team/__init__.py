"""What a team decides in Slack and is to outlive a restart: who may read along, own alerts, pauses, open Homes."""
