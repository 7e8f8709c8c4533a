"""Denmark: 98 municipalities since 2007, five regions, the five groups of Statistics Denmark."""
