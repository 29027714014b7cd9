"""Who takes vouchers and who hands them out: merchants, branches, issuing points."""
