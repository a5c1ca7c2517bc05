"""What there is, for menus, help and tables: the registries, and what was measured of them."""
