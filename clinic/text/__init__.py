"""What people type and read, in one form each: names, e-mails, phones, addresses; finding by words; days and money. Knows no table."""
