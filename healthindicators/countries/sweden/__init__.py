"""Sweden: 290 municipalities, 21 counties, the nine municipality groups of SKR (2023).

Municipal codes begin with the county's. The register begins in 2003, when the youngest municipality,
Knivsta (0330), left Uppsala; since then one code has changed: Heby moved from Västmanland to Uppsala
County in 2007, and 1917 became 0331. Statistics Sweden and Kolada give older figures on today's
municipalities; tables with such years say so by `codes_of`.

`peers.csv` are the municipalities that Kolada calls similar, of the newest year of each kind.
"""
