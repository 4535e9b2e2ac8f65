"""The account store: companies, properties, contacts, accounts, contracts and invites. It knows nothing of Rasa."""
