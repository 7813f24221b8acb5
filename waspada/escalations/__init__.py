"""Reports that leave the team, or go to its desk one level up: proposed by one account, approved by another."""
