"""What all routes share: errors, the guard, strict reading of requests, the API's description."""
