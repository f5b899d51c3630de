/* On the pages of signing in and out: whoever leaves takes the list and the key along. What waits to be sent stays,
   sealed, until its account comes back. A phone that never had the app gets no database by this. */
"use strict";
(() => {
  const name = `jiebang-field:${document.currentScript.dataset.field}`;
  function forget(done) {
    if (!("indexedDB" in window)) return done();
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.transaction.abort();
    request.onerror = (event) => { event.preventDefault(); done(); };
    request.onsuccess = () => {
      const base = request.result;
      const change = base.transaction(["kept", "entries", "forms"], "readwrite");
      for (const store of ["kept", "entries", "forms"]) change.objectStore(store).clear();
      change.oncomplete = change.onabort = () => { base.close(); done(); };
    };
  }
  const form = document.querySelector("form[data-leaves]");
  if (!form) return forget(() => {});
  let gone = false;
  form.addEventListener("submit", (event) => {
    if (gone) return;
    event.preventDefault();
    forget(() => { gone = true; form.requestSubmit(); });
  });
})();
