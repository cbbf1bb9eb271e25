"""Who may do what: people and their keys, projects and the roles in them, and the one function that decides."""
