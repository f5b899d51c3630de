"""Who there is: users, person keys, areas (a tree), units and who is appointed where."""
