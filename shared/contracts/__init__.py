"""What the services say to each other: a module per publishing service, frozen structs, versions for ever."""
