"""What runs in the sandboxed processes; it imports nothing but the standard library."""
