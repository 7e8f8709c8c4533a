"""Norway: 357 municipalities since 2024, fifteen counties, the KOSTRA groups of Statistics Norway."""
