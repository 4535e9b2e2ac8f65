"""The account store: companies, properties, contacts, accounts, contracts, invites. Knows nothing of Rasa."""
