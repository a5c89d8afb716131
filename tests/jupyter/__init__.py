"""A package, because pytest tells modules of one name apart by their packages."""
