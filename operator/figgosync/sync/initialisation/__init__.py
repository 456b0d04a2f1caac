"""Back-fills: the initialisations of one tenant, done beside its own sync."""
