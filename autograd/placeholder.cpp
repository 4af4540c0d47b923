namespace cuunet {}
