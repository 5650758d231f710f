"""The desk of card payments: a file's payments and refunds, and each day beside the provider's books."""
