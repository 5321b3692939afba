"""Input binding, paging, byte ranges and error rendering; knows no photo."""
