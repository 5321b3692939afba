// System fonts: the viewer's own choice would be fetched from another host.
Redoc.init(
  "/api/schema?format=json",
  {
    disableSearch: false,
    hideDownloadButton: false,
    theme: { typography: { fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" } } },
  },
  document.getElementById("redoc"),
);
