"""casebridge: carries work from cases to the systems where it is done, and the answer back."""
