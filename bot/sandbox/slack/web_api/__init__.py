"""What an app may call: the Web API, response_url and uploads, with their faults."""
