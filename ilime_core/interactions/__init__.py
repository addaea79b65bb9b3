"""From the effects of single items to the interactions of pairs: W = A B^T and all that follows from it."""
