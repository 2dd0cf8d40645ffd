"""A fake of Twilio with a memory, written from Twilio's pages alone: a second opinion beside the demo's carrier."""
