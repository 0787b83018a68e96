"""What GraphQL says: types, queries and mutations, a module per noun."""
