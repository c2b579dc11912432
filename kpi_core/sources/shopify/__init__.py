"""Orders of a Shopify shop and their lines, by its GraphQL Admin API."""
