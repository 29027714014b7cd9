"""Who works here: invitations, the people of a place, and a way back in for who lost theirs."""
