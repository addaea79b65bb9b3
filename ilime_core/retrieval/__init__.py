"""Who matches whom: rankings under one exact tie rule, their metrics, and the pairs worth explaining."""
