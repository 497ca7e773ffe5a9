"""What databases with an interface of their own answer: Europe PMC, PubMed, Crossref and GOV.UK, one module each.

`api` holds what reading their JSON has in common. Each page of answers becomes entries, one by one: a record that
cannot be read costs only itself; an answer of another shape than the documentation's is refused as a whole.
"""
