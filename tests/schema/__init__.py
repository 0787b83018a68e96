"""What GraphQL says, held to what it promises."""
