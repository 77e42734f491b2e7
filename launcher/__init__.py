"""The `stickerdesk` command: starts, watches and stops every part of the mesh on one machine."""
