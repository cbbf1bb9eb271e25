"""How the API's answers look in a terminal. Pure: answers in, text out."""
