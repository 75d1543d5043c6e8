for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString("en-GB", {
    weekday: "long", day: "numeric", month: "long", year: "numeric",
    hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
}
