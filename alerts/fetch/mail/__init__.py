"""Letters for the kind `mailbox`: from a `folder`, or from a `server` over `imap`. Nothing is sent or deleted."""
