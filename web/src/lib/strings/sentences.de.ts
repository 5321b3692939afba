// What the server says, in German. The list of its sentences is a type, made from its sources by
// tools/list_sentences.py: one that is missing here, or that nobody says any more, is an error of `make check`.

import type { Sentence } from "../sentences";

const sentences: Record<Sentence, string> = {
  // Forms
  "This field is required.": "Hier fehlt etwas.",
  "This field may not be blank.": "Das darf nicht leer sein.",
  "This field may not be null.": "Das darf nicht leer sein.",
  "This list may not be empty.": "Wähle mindestens eines aus.",
  "This cannot be changed; make another key.": "Das lässt sich nicht ändern; lege einen anderen Schlüssel an.",
  "Not a valid string.": "Das ist kein gültiger Text.",
  "A valid integer is required.": "Hier gehört eine ganze Zahl hin.",
  "A valid number is required.": "Hier gehört eine Zahl hin.",
  "Must be a valid boolean.": "Hier gehört ja oder nein hin.",
  "Expected a list of items.": "Hier gehört eine Liste hin.",
  "Expected a list of objects.": "Hier gehört eine Liste von Objekten hin.",
  "Expected a dictionary of items.": "Hier gehört ein Objekt hin.",
  "Invalid data. Expected a dictionary, but got {1}.": "Die Angaben sind ungültig: ein Objekt wurde erwartet, nicht {1}.",
  "Invalid input.": "Die Angaben sind ungültig.",
  "Value must be valid JSON.": "Das ist kein gültiges JSON.",
  "No data provided": "Es kamen keine Angaben.",
  "Missing parameters": "Es fehlen Angaben.",
  "Number is too long": "Die Zahl ist zu lang.",
  "Null characters are not allowed.": "Nullzeichen sind nicht erlaubt.",
  "Out of range float values are not JSON compliant: {1}": "Diese Zahl ist zu groß: {1}",
  "Ensure this field has at least {1} characters.": "Mindestens {1} Zeichen sind nötig.",
  "Ensure this field has no more than {1} characters.": "Höchstens {1} Zeichen sind möglich.",
  "Ensure this field has no more than 150 characters.": "Höchstens 150 Zeichen sind möglich.",
  "Ensure this field has no more than {1} elements.": "Höchstens {1} Einträge sind möglich.",
  "Ensure this value is greater than or equal to {1}.": "Der Wert muss mindestens {1} sein.",
  "Ensure this value is less than or equal to {1}.": "Der Wert darf höchstens {1} sein.",
  "Ensure this time is in the future.": "Die Zeit muss in der Zukunft liegen.",
  "Ensure this time is within 100 years, or leave it out.": "Die Zeit muss in den nächsten 100 Jahren liegen, oder lass sie weg.",
  "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].":
    "Diese Zeit ist nicht zu lesen. Schreibe sie wie 2023-07-01T14:05:09.",
  '"{1}" is not a valid choice.': "„{1}“ steht nicht zur Wahl.",
  'Invalid pk "{1}" - object does not exist.': "„{1}“ gibt es nicht.",
  "The value is already in use.": "Dieser Wert ist schon vergeben.",
  "The field {1} is too long.": "Das Feld {1} ist zu lang.",
  "{1} must be a boolean.": "{1} muss ja oder nein sein.",
  'media must be "all", "photos" or "videos".': "media muss „all“, „photos“ oder „videos“ sein.",
  "Only media, hide_screenshots, hide_documents and favorites are known.":
    "Bekannt sind nur media, hide_screenshots, hide_documents und favorites.",
  "The submitted data was not a file. Check the encoding type on the form.": "Es kam keine Datei an.",

  // Accounts and passwords
  "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.":
    "Dieser Benutzername geht nicht. Erlaubt sind Buchstaben, Ziffern und @ . + - _",
  "A user with that username already exists.": "Diesen Benutzernamen gibt es schon.",
  "Enter a valid email address.": "Das ist keine gültige E-Mail-Adresse.",
  "Enter a valid URL.": "Das ist keine gültige Adresse.",
  "The current password is not right.": "Das bisherige Passwort stimmt nicht.",
  "This password is too common.": "Dieses Passwort ist zu verbreitet.",
  "This password is entirely numeric.": "Dieses Passwort besteht nur aus Ziffern.",
  "This password is too short. It must contain at least {1} characters.":
    "Dieses Passwort ist zu kurz. Es braucht mindestens {1} Zeichen.",
  "The password is too similar to the {1}.": "Das Passwort ist {1} zu ähnlich.",
  "Invalid or expired reset link": "Dieser Link gilt nicht mehr.",
  "Password has been reset": "Das Passwort ist geändert.",
  "If an account has this address, a mail with a link is on its way to it.":
    "Falls ein Konto diese Adresse hat, ist eine Mail mit einem Link unterwegs.",
  "Set-up is closed. Start the server again, or send the set-up token that it printed as setup_token.":
    "Die Einrichtung ist geschlossen. Starte den Server neu, oder gib das Einrichtungskennwort an, das er beim Start ausgegeben hat.",
  "The last active superuser can't be disabled or demoted.": "Das letzte Hauptkonto kann nicht gesperrt oder herabgestuft werden.",
  "No such user": "Diese Person gibt es hier nicht.",
  "There is no such active user.": "Diese Person gibt es hier nicht, oder ihr Konto ist gesperrt.",
  "You do not have permission to perform this action.": "Das darfst du nicht.",
  "Use only letters without accents, digits, - and _.": "Erlaubt sind nur Buchstaben ohne Akzente, Ziffern, - und _.",
  "The key of stored secrets cannot be read; the server's log says why.":
    "Der Schlüssel der aufbewahrten Geheimnisse ist nicht zu lesen; das Protokoll des Servers sagt, warum.",

  // API keys
  "There are {1} keys that work; revoke one first.": "Es gibt schon {1} gültige Schlüssel; widerrufe erst einen.",
  "This key is {1}; only an active one can be rotated.": "Dieser Schlüssel ist nicht mehr gültig ({1}) und lässt sich nicht ersetzen.",
  '"{1}" is for keys of admins.': "„{1}“ gibt es nur für Schlüssel von Verwaltern.",
  '"{1}" is not for API keys.': "„{1}“ gibt es nicht für API-Schlüssel.",
  "This API key is limited to albums; this is about more.": "Dieser API-Schlüssel gilt nur für bestimmte Alben.",
  "This API key lacks the scope {1}.": "Diesem API-Schlüssel fehlt die Erlaubnis {1}.",
  "This needs the scope {1}, which no API key can hold. Sign in instead.":
    "Dafür ist die Erlaubnis {1} nötig, die kein API-Schlüssel haben kann. Melde dich stattdessen an.",
  "What anybody may call; needs no scope.": "Was alle aufrufen dürfen; dafür ist keine Erlaubnis nötig.",
  "See photos, their details and their media.": "Fotos sehen, mit Einzelheiten und Dateien.",
  "Edit, hide, trash and publish photos.": "Fotos bearbeiten, verbergen, wegwerfen und veröffentlichen.",
  "See days, albums and the things and places that photos are grouped by.":
    "Tage und Alben sehen, auch die nach Dingen und Orten.",
  "Make, change and delete albums.": "Alben anlegen, ändern und löschen.",
  "See persons and faces.": "Personen und Gesichter sehen.",
  "Label faces; name, merge and delete persons.": "Gesichter zuordnen; Personen benennen, vereinen und löschen.",
  "See the map and addresses.": "Karte und Adressen sehen.",
  "See shares and public links.": "Freigaben und öffentliche Links sehen.",
  "Share with other users and make public links.": "Mit anderen teilen und öffentliche Links anlegen.",
  "Upload files.": "Dateien hochladen.",
  "Make and fetch archives.": "Archive packen und herunterladen.",
  "Start scans and the removal of photos whose files are gone.":
    "Einlesen starten, und Fotos entfernen, deren Dateien fehlen.",
  "See own jobs.": "Eigene Aufgaben sehen.",
  "Cancel own jobs and take them out of the history.": "Eigene Aufgaben abbrechen und aus der Liste nehmen.",
  "See counts and disk usage.": "Anzahlen und belegten Platz sehen.",
  "See the own account's settings, and what everybody may know of others.":
    "Die Einstellungen des eigenen Kontos sehen, und was alle von anderen wissen dürfen.",
  "Read what only admins may read of the server; given to admins only.":
    "Lesen, was vom Server nur Verwalter lesen dürfen; nur für Verwalter.",
  "Change the own account: profile, password, sessions, keys.":
    "Das eigene Konto ändern: Profil, Passwort, Sitzungen, Schlüssel.",
  "See, make, change and delete other accounts.": "Andere Konten sehen, anlegen, ändern und löschen.",
  "Change the server's settings.": "Die Einstellungen des Servers ändern.",

  // Requests that the server does not take
  "Not found.": "Das gibt es nicht, oder du darfst es nicht sehen.",
  "No {1} matches the given query.": "Das gibt es nicht mehr, oder du darfst es nicht sehen.",
  "Invalid page.": "Diese Seite der Liste gibt es nicht mehr.",
  "Unknown action": "Diese Handlung kennt der Server nicht.",
  'Method "{1}" not allowed.': "Das kann der Server hier nicht ({1}).",
  "Could not satisfy the request Accept header.": "In dieser Form kann der Server nicht antworten.",
  'Unsupported media type "{1}" in request.': "Diese Art von Anfrage liest der Server nicht ({1}).",
  "Invalid Host header.": "Unter diesem Namen ist der Server nicht zu erreichen.",
  "JSON parse error - {1}": "Die Anfrage ist nicht zu lesen: {1}",
  "Form parse error - the body is not URL-encoded UTF-8.": "Das Formular ist nicht zu lesen.",
  "Multipart form parse error - {1}": "Das Formular ist nicht zu lesen: {1}",
  "The request body did not arrive in time.": "Die Anfrage kam nicht rechtzeitig an.",
  "The request body ended early.": "Die Anfrage kam nicht ganz an.",
  "The request body is too large.": "Die Anfrage ist zu groß.",
  "The request headers are too large.": "Der Kopf der Anfrage ist zu groß.",
  "Authentication credentials were not provided.": "Du bist nicht angemeldet.",
  "Request was throttled. Expected available in {1} seconds.": "Zu viele Versuche. Warte {1} Sekunden.",
  "Internal server error.": "Das ist dem Server nicht gelungen. Sein Protokoll sagt, warum.",
  "The server is busy. Try again in a moment.": "Der Server ist beschäftigt. Versuche es gleich noch einmal.",
  "There is not enough free space on the server.": "Auf dem Server ist nicht genug Platz frei.",
  "The database cannot be reached.": "Die Datenbank ist nicht zu erreichen.",
  "The database is busy or cannot be reached. Try again in a moment.":
    "Die Datenbank ist beschäftigt oder nicht zu erreichen. Versuche es gleich noch einmal.",
  "The database is locked by another program. Try again in a moment.":
    "Ein anderes Programm hält die Datenbank fest. Versuche es gleich noch einmal.",
  "The engine of jobs has no database at the moment: {1}": "Die Aufgaben haben gerade keine Datenbank: {1}",
  "The disk of the data folder is full or failing; nothing was changed.":
    "Die Platte des Servers ist voll oder gestört; es wurde nichts geändert.",
  "The layout is of your own photos.": "Das zeigt der Server nur von deinen eigenen Fotos.",
  "The placeholders are of your own photos.": "Das zeigt der Server nur von deinen eigenen Fotos.",

  // Albums, tags, sharing
  "You already have an album with this title.": "Du hast schon ein Album mit diesem Namen.",
  "This album is locked. Unlock it to change its photos.": "Dieses Album ist gesperrt. Entsperre es, um seine Fotos zu ändern.",
  "No such album": "Dieses Album gibt es nicht mehr.",
  "You are not the owner of this album": "Dieses Album gehört dir nicht.",
  "You cannot share an album you don't own": "Du kannst nur eigene Alben teilen.",
  "You cannot share photos with yourself.": "Mit dir selbst kannst du keine Fotos teilen.",
  "Public links are switched off on this server": "Öffentliche Links sind auf diesem Server abgeschaltet.",
  "This address is already in use.": "Diese Adresse ist schon vergeben.",
  "No such photo": "Dieses Foto gibt es nicht mehr.",
  "Photo not found in album": "Dieses Foto ist nicht in dem Album.",
  "photo not found": "Dieses Foto gibt es nicht mehr.",
  "Unknown photo": "Eines der Fotos gibt es nicht mehr.",
  "No photos provided": "Es ist kein Foto ausgewählt.",
  "No photos found": "Keines dieser Fotos gibt es noch.",
  "image_hashes required": "Es ist kein Foto ausgewählt.",
  "No tag provided": "Es ist kein Schlagwort angegeben.",
  "Tag '{1}' already exists.": "Das Schlagwort „{1}“ gibt es schon.",
  "A tag cannot be merged into itself": "Ein Schlagwort lässt sich nicht mit sich selbst vereinen.",
  "A group of unknown faces has this name.": "So heißt eine Gruppe unbekannter Gesichter.",
  '"Unknown - Other" is what faces of nobody are called.': "„Unknown - Other“ heißen Gesichter, die niemandem gehören.",
  "auto works with image_hashes only.": "auto geht nur zusammen mit image_hashes.",

  // Searches
  "At character {1}: {2}": "Bei Zeichen {1}: {2}",
  "Ensure this search has no more than {1} characters.": "Die Suche darf höchstens {1} Zeichen lang sein.",
  "Ensure this search has no more than {1} terms.": "Die Suche darf höchstens {1} Begriffe haben.",
  '"{1}" is no {2}. Known are {3}.': "„{1}“ ist hier unbekannt. Möglich sind {3}.",
  '"{1}" is no rating from 0 to 5, such as 4, >3, <=2 or 2..4.':
    "„{1}“ ist keine Bewertung von 0 bis 5, wie 4, >3, <=2 oder 2..4.",
  '"{1}" is no date, such as 2019, 2019-07, 2019-07-14 or 2019..2021-06.':
    "„{1}“ ist kein Datum, wie 2019, 2019-07, 2019-07-14 oder 2019..2021-06.",
  '"{1}" is not in the calendar.': "„{1}“ steht in keinem Kalender.",
  '"{1}" ends before it begins.': "„{1}“ endet, bevor es beginnt.",

  // Uploads and downloads
  "File type not allowed": "Diese Art von Datei wird nicht angenommen.",
  "The file name cannot be used": "Dieser Dateiname geht nicht.",
  "md5 checksum does not match": "Die Datei kam beschädigt an; sende sie noch einmal.",
  "File size doesn't match headers": "Die Datei kam nicht ganz an; sende sie noch einmal.",
  "Offsets do not match": "Das Hochladen geht an einer anderen Stelle weiter.",
  "Upload has expired": "Das Hochladen dauerte zu lange; sende die Datei noch einmal.",
  "Too many uploads are open. Finish some of them first.":
    "Zu viele Dateien werden zugleich hochgeladen. Warte, bis einige fertig sind.",
  "Your library may not grow any further on this server.": "Deine Sammlung darf auf diesem Server nicht weiter wachsen.",
  "Uploading is not allowed": "Hochladen ist dir auf diesem Server nicht erlaubt.",
  "The cookie counts for uploads from this server's own pages only": "Hochladen geht nur von den Seiten dieses Servers aus.",
  "Authentication credentials were invalid": "Deine Sitzung ist beendet. Melde dich wieder an.",
  "Authentication credentials were not provided": "Du bist nicht angemeldet.",
  "Both 'upload_id' and 'md5' are required": "Zu diesem Hochladen fehlen Angaben.",
  "No chunk file was submitted": "Es kam kein Stück der Datei an.",
  "More than one chunk file was submitted": "Es kam mehr als ein Stück der Datei auf einmal an.",
  "The chunk is too large; at most {1} bytes are accepted.": "Das Stück der Datei ist zu groß; höchstens {1} Byte sind möglich.",
  "Upload failed: No scan directory configured. Please contact your administrator to set up a scan directory for your account.":
    "Für dein Konto ist kein Fotoordner eingerichtet. Bitte die Person darum, die diesen Server betreibt.",
  "Upload failed: Scan directory '{1}' does not exist. Please contact your administrator.":
    "Deinen Fotoordner „{1}“ gibt es nicht. Wende dich an die Person, die diesen Server betreibt.",
  "Upload failed: Upload directory '{1}' does not exist. Please contact your administrator.":
    "Den Ordner „{1}“ zum Hochladen gibt es nicht. Wende dich an die Person, die diesen Server betreibt.",
  "Upload failed: Upload directory '{1}' lies outside the library. Please contact your administrator.":
    "Der Ordner „{1}“ zum Hochladen liegt außerhalb der Sammlung. Wende dich an die Person, die diesen Server betreibt.",
  "Upload failed: '{1}' cannot be written to ({2}). Please contact your administrator.":
    "In „{1}“ lässt sich nicht schreiben ({2}). Wende dich an die Person, die diesen Server betreibt.",
  "The archive cannot be written ({1}).": "Das Archiv lässt sich nicht schreiben ({1}).",
  "{1} could not be read to its end ({2}).": "{1} ließ sich nicht bis zum Ende lesen ({2}).",
  "None of the files is there any more.": "Keine der Dateien ist noch da.",

  // Folders, and drives that are away
  "Path does not exist": "Diesen Ordner gibt es nicht.",
  "Path is not a directory": "Das ist kein Ordner.",
  "Access denied: the path is outside your library": "Dieser Ordner liegt außerhalb deiner Sammlung.",
  "Access denied: the path leads outside your library": "Dieser Ordner führt aus deiner Sammlung hinaus.",
  "User scan directory not configured": "Für dein Konto ist kein Fotoordner eingerichtet.",
  "Scan directory does not exist": "Den Fotoordner gibt es nicht.",
  "Scan directory must be inside the data root.": "Der Fotoordner muss in den Sammlungsordnern des Servers liegen.",
  "Upload directory does not exist": "Den Ordner zum Hochladen gibt es nicht.",
  "Upload directory must be inside the data root.": "Der Ordner zum Hochladen muss in den Sammlungsordnern des Servers liegen.",
  "{1} overlaps the library of user '{2}' ({3}). Each user needs a directory of their own.":
    "{1}: Dort liegt schon die Sammlung von „{2}“ ({3}). Jedes Konto braucht einen eigenen Ordner.",
  "Scan failed: No scan directory configured. Please contact your administrator to set up a scan directory for your account.":
    "Für dein Konto ist kein Fotoordner eingerichtet. Bitte die Person darum, die diesen Server betreibt.",
  "Scan failed: Scan directory '{1}' does not exist. Please contact your administrator.":
    "Deinen Fotoordner „{1}“ gibt es nicht. Wende dich an die Person, die diesen Server betreibt.",
  "The scan directory '{1}' does not exist; its disk may not be mounted.":
    "Den Fotoordner „{1}“ gibt es nicht; vielleicht ist sein Laufwerk nicht angeschlossen.",
  "The scan directory '{1}' is not a folder.": "Der Fotoordner „{1}“ ist kein Ordner.",
  "The scan directory '{1}' cannot be read: {2}.": "Der Fotoordner „{1}“ ist nicht zu lesen: {2}.",
  "The scan directory is empty though it held photos; its disk may not be mounted.":
    "Der Fotoordner ist leer, obwohl Fotos darin waren; vielleicht ist sein Laufwerk nicht angeschlossen.",
  "The scan directory is {1}missing all {2} known files; nothing was marked as missing.":
    "Im Fotoordner {1}fehlen alle {2} bekannten Dateien; keine wurde als fehlend vermerkt.",
  "The scan directory is {1}{2}; nothing was marked as missing.":
    "Im Fotoordner {1}{2}; keine wurde als fehlend vermerkt.",
  "The folder '{1}' is empty though it held {2} files; a disk may not be mounted there. They were left as they are.":
    "Der Ordner „{1}“ ist leer, obwohl {2} Dateien darin waren; vielleicht ist dort ein Laufwerk nicht angeschlossen. Ihre Fotos blieben, wie sie sind.",
  "{1} files lie on a disk that is not mounted; they were left as they are.":
    "{1} Dateien liegen auf einem Laufwerk, das nicht angeschlossen ist; ihre Fotos blieben, wie sie sind.",
  "The last scan found the scan directory offline; scan again first.":
    "Beim letzten Einlesen war der Fotoordner nicht zu erreichen; lies erst noch einmal ein.",
  "The last scan missed nothing.": "Beim letzten Einlesen fehlte nichts.",
  "There is nothing to try again.": "Es gibt nichts, was noch einmal zu versuchen wäre.",
  "Another folder lies there now.": "Dort liegt jetzt ein anderer Ordner.",
  "This {1} cannot be read: {2}.": "Nicht zu lesen ({1}): {2}.",
  "This link leads nowhere.": "Diese Verknüpfung führt ins Leere.",
  "This link leads outside the library.": "Diese Verknüpfung führt aus der Sammlung hinaus.",
  "This link leads into another user's scan directory.": "Diese Verknüpfung führt in den Fotoordner eines anderen Kontos.",
  "This is another user's scan directory.": "Das ist der Fotoordner eines anderen Kontos.",
  "This is the data folder, which is never scanned.": "Das ist der Datenordner des Servers; er wird nie eingelesen.",
  "A network folder ({1}) tells of no changes; it is scanned now and then.":
    "Ein Netzordner ({1}) meldet keine Änderungen; er wird ab und zu eingelesen.",
  "Some folders cannot be read; what changes in them is found by the periodic scan.":
    "Einige Ordner sind nicht zu lesen; was sich darin ändert, findet das regelmäßige Einlesen.",
  "The system does not let the folder be watched: {1}.": "Das System lässt den Ordner nicht beobachten: {1}.",
  "The system refuses to watch so many folders (fs.inotify.max_user_watches, max_user_instances); raise the limit. Until then new files are found by the periodic scan.":
    "Das System beobachtet nicht so viele Ordner (fs.inotify.max_user_watches, max_user_instances); erhöhe die Grenze. Bis dahin findet das regelmäßige Einlesen neue Dateien.",
  "Watching broke off ({1}); it is begun anew.": "Das Beobachten brach ab ({1}); es beginnt von Neuem.",

  // Jobs
  "Job is already finished": "Diese Aufgabe ist schon zu Ende.",
  "Job is not paused": "Diese Aufgabe ist nicht angehalten.",
  "The job made no progress for 24 hours.": "Die Aufgabe kam 24 Stunden lang nicht voran.",
  "The worker ended {1} times over this job before it got any further. The server's log may say why.":
    "Über dieser Aufgabe brach der Server {1}-mal ab, ehe sie weiterkam. Sein Protokoll sagt vielleicht, warum.",
  "Unexpected {1}.": "Ein unerwarteter Fehler: {1}.",
  "Quiet hours: waits until {1}": "Ruhezeit: wartet bis {1}",
  "Reading files": "Dateien werden gelesen",
  "Reading uploaded files": "Hochgeladene Dateien werden gelesen",
  "Looking for files: {1} so far": "Dateien werden gesucht: bisher {1}",
  "Waiting for files that are still being written": "Wartet auf Dateien, an denen noch geschrieben wird",
  "Writing metadata": "Angaben werden in Dateien geschrieben",
  "Packing photos": "Fotos werden gepackt",
  "Naming places": "Orte werden benannt",
  "Making events": "Ereignisse werden gebildet",
  "Titling events": "Ereignisse werden benannt",
  "Looking for screenshots": "Bildschirmfotos werden gesucht",
  "Cutting out faces": "Gesichter werden ausgeschnitten",
  "{1} a second": "{1} pro Sekunde",
  "{1} left": "noch {1}",
  "{1} min": "{1} min",
  "{1} h {2} min": "{1} h {2} min",
  "No model that finds faces is installed.": "Kein Modell ist eingerichtet, das Gesichter findet.",
  "No model that compares faces is installed.": "Kein Modell ist eingerichtet, das Gesichter vergleicht.",
  "No model that compares pictures with words is installed; searches find words alone.":
    "Kein Modell ist eingerichtet, das Bilder mit Worten vergleicht; gesucht wird nur nach Worten.",
  "No model for text recognition is installed; no photo was read.":
    "Kein Modell ist eingerichtet, das Text erkennt; kein Foto wurde gelesen.",
  "Documents are not looked for: no model for them is installed.":
    "Dokumente werden nicht gesucht: Kein Modell dafür ist eingerichtet.",
  "LIBREPHOTOS_FEATURE_FACE_CLUSTER is off.": "LIBREPHOTOS_FEATURE_FACE_CLUSTER ist ausgeschaltet.",
  "LIBREPHOTOS_FEATURE_FACE_DETECTION is off.": "LIBREPHOTOS_FEATURE_FACE_DETECTION ist ausgeschaltet.",
  "LIBREPHOTOS_FEATURE_REVERSE_GEOCODING is off.": "LIBREPHOTOS_FEATURE_REVERSE_GEOCODING ist ausgeschaltet.",

  // Why a file could not be read
  "The file is gone.": "Die Datei ist nicht mehr da.",
  "The file is empty.": "Die Datei ist leer.",
  "The file cannot be read: {1}.": "Die Datei ist nicht zu lesen: {1}.",
  "The file cannot be read: its name is not possible.": "Die Datei ist nicht zu lesen: Ihr Name ist nicht möglich.",
  "The file changed while it was being read.": "Die Datei änderte sich, während sie gelesen wurde.",
  "The file needs more memory than one file may take.": "Die Datei braucht mehr Speicher, als eine Datei haben darf.",
  "The file's metadata is too large.": "Die Angaben in der Datei sind zu umfangreich.",
  "This is not a regular file.": "Das ist keine gewöhnliche Datei.",
  "Its first bytes match no photo or video format known here.": "Am Anfang der Datei ist kein bekanntes Format zu erkennen.",
  "This is a PDF document, which is not a photo or video.": "Das ist ein PDF, kein Foto oder Video.",
  "This is a ZIP archive or office document, which is not a photo or video.":
    "Das ist ein ZIP-Archiv oder ein Dokument, kein Foto oder Video.",
  "This is a program, which is not a photo or video.": "Das ist ein Programm, kein Foto oder Video.",
  "This is a script, which is not a photo or video.": "Das ist ein Skript, kein Foto oder Video.",
  "This is a sound file, which is not a photo or video.": "Das ist eine Tondatei, kein Foto oder Video.",
  "This is a sound file or an unknown RIFF file, which is not a photo or video.":
    "Das ist eine Tondatei oder eine unbekannte RIFF-Datei, kein Foto oder Video.",
  "This is a text file, which is not a photo or video.": "Das ist eine Textdatei, kein Foto oder Video.",
  "This is a web page, which is not a photo or video.": "Das ist eine Webseite, kein Foto oder Video.",
  "This is an XMP sidecar: it describes another file and has no picture.":
    "Das ist eine Begleitdatei (XMP): Sie beschreibt eine andere Datei und hat kein Bild.",
  "This XMP sidecar has no photo beside it.": "Neben dieser Begleitdatei (XMP) liegt kein Foto.",
  "This is the film that a motion photo has inside; it plays there.":
    "Das ist der Film, der in einem bewegten Foto steckt; er läuft dort.",
  "SVG drawings are not media here: they can carry programs.": "SVG-Zeichnungen werden nicht gelesen: Sie können Programme enthalten.",
  "RAW files are left out by your settings.": "RAW-Dateien werden nach deinen Einstellungen ausgelassen.",
  "{1} pictures are not read yet.": "{1}-Bilder werden noch nicht gelesen.",
  "{1} videos are not read yet.": "{1}-Videos werden noch nicht gelesen.",
  "The picture is cut short: the file ends before its last pixel.": "Das Bild ist abgeschnitten: Die Datei endet vor seinem letzten Punkt.",
  "The picture is damaged and cannot be decoded.": "Das Bild ist beschädigt und nicht zu entschlüsseln.",
  "The picture is of a variety that is not read here.": "Diese Spielart des Bildformats wird nicht gelesen.",
  "The picture is too large: {1} by {2} pixels would need {3} GiB of memory, {4} GiB are allowed.":
    "Das Bild ist zu groß: {1} mal {2} Pixel bräuchten {3} GiB Speicher, {4} GiB sind erlaubt.",
  "The picture needs more memory than one decode may take.": "Das Bild braucht mehr Speicher, als eines haben darf.",
  "This RAW file is damaged, or of a camera that is not read here.":
    "Diese RAW-Datei ist beschädigt, oder ihre Kamera ist nicht bekannt.",
  "The video is cut short: there is no picture in it.": "Das Video ist abgeschnitten: Es ist kein Bild darin.",
  "The video is damaged and cannot be decoded.": "Das Video ist beschädigt und nicht zu entschlüsseln.",
  "The video is too large: {1} by {2} pixels would need {3} GiB of memory, {4} GiB are allowed.":
    "Das Video ist zu groß: {1} mal {2} Pixel bräuchten {3} GiB Speicher, {4} GiB sind erlaubt.",
  "The video needs more memory than one file may take.": "Das Video braucht mehr Speicher, als eine Datei haben darf.",
  "The video's poster cannot be made.": "Vom Video lässt sich kein Vorschaubild machen.",
  "No picture of the video can be decoded.": "Kein Bild des Videos ist zu entschlüsseln.",
  "There {1} in this file, which is not a video.": "In dieser Datei {1}; das ist kein Video.",
  "Videos in the coding {1} are not read here.": "Videos in der Kodierung {1} werden nicht gelesen.",
  "Videos are switched off on this server (LIBREPHOTOS_FEATURE_VIDEO).":
    "Videos sind auf diesem Server ausgeschaltet (LIBREPHOTOS_FEATURE_VIDEO).",
  "The video cannot be converted.": "Das Video lässt sich nicht umwandeln.",
  "The video cannot be converted: it ended the program that was to do it.":
    "Das Video lässt sich nicht umwandeln: Das Programm dafür brach an ihm ab.",
  "The video cannot be converted: it is damaged, or in a coding that is not read here.":
    "Das Video lässt sich nicht umwandeln: Es ist beschädigt oder in einer unbekannten Kodierung.",
  "The video takes too long to begin. Try again in a moment.": "Das Video braucht zu lange. Versuche es gleich noch einmal.",
  "Too many videos are being converted. Try again in a moment.":
    "Zu viele Videos werden gerade umgewandelt. Versuche es gleich noch einmal.",
  "The thumbnail cannot be read.": "Das Vorschaubild ist nicht zu lesen.",
  "The thumbnail is damaged, so no faces were cut out of it.":
    "Das Vorschaubild ist beschädigt; Gesichter wurden daraus nicht ausgeschnitten.",
  "The thumbnails cannot be stored in the data folder: {1}.": "Die Vorschaubilder lassen sich nicht ablegen: {1}.",
  "The result cannot be stored: {1}.": "Das Ergebnis lässt sich nicht ablegen: {1}.",
  "The work on this file ended its process ({1}).": "Beim Lesen dieser Datei brach das Programm ab ({1}).",
  "The work on this file failed unexpectedly ({1}).": "Das Lesen dieser Datei misslang unerwartet ({1}).",
  "The work on this file took longer than {1} seconds.": "Das Lesen dieser Datei dauerte länger als {1} Sekunden.",
  "A process of the pool did not start ({1}).": "Ein Programm zum Lesen von Dateien startete nicht ({1}).",
  "ExifTool cannot be started.": "ExifTool lässt sich nicht starten.",
  "ExifTool cannot read this file: its structure is damaged or unknown.":
    "ExifTool kann diese Datei nicht lesen: Ihr Aufbau ist beschädigt oder unbekannt.",
  "ExifTool ended while it read this file.": "ExifTool brach beim Lesen dieser Datei ab.",
  "ExifTool found no metadata that can be read.": "ExifTool fand keine lesbaren Angaben.",
  "ExifTool took longer than {1} seconds.": "ExifTool brauchte länger als {1} Sekunden.",
  "ExifTool or Perl is missing; a scan reads the metadata again once they are there.":
    "ExifTool oder Perl fehlt; sobald sie da sind, liest das Einlesen die Angaben noch einmal.",
  "The metadata is damaged or of a kind not read without ExifTool.":
    "Die Angaben sind beschädigt oder ohne ExifTool nicht zu lesen.",
  "The metadata of so large a file is not read without ExifTool.":
    "Die Angaben einer so großen Datei werden ohne ExifTool nicht gelesen.",
  "The XMP is not well formed.": "Die Begleitdatei (XMP) ist nicht wohlgeformt.",
  "The XMP is too large.": "Die Begleitdatei (XMP) ist zu groß.",

  // Deleting and writing
  "Both paths lead to the same file.": "Beide Pfade führen zur selben Datei.",
  "It changed since it was scanned; scan again first.": "Sie hat sich seit dem Einlesen geändert; lies erst noch einmal ein.",
  "It does not lie in its owner's scan or upload directory.": "Sie liegt nicht in dem Fotoordner, zu dem sie gehört.",
  "It is no plain file.": "Sie ist keine gewöhnliche Datei.",
  "It or the file that would stay is not there.": "Sie oder die Datei, die bliebe, ist nicht da.",
  "Its folder is not there; its disk may be away.": "Ihr Ordner ist nicht da; vielleicht fehlt ihr Laufwerk.",
  "A symbolic link stands in its path.": "In ihrem Pfad steht eine Verknüpfung.",
  "The file that would stay changed since it was scanned; scan again first.":
    "Die Datei, die bliebe, hat sich seit dem Einlesen geändert; lies erst noch einmal ein.",
  "ExifTool does not write this file.": "ExifTool schreibt in diese Datei nicht.",
  "ExifTool does not write this file: {1}.": "ExifTool schreibt in diese Datei nicht: {1}.",
  "ExifTool or Perl is missing; without it nothing is written into files.":
    "ExifTool oder Perl fehlt; ohne sie wird nichts in Dateien geschrieben.",
  "Nothing can be written here: {1}.": "Hier lässt sich nicht schreiben: {1}.",
  "Other tags of the file would have been lost, so it was left as it is.":
    "Andere Angaben der Datei wären verloren gegangen; sie blieb, wie sie ist.",
  "The disk of this file is full.": "Die Platte dieser Datei ist voll.",
  "The file does not lie in the library, so nothing is written into it.":
    "Die Datei liegt nicht in der Sammlung; in sie wird nichts geschrieben.",
  "The file has changed since it was last scanned, so it was left as it is until the next scan.":
    "Die Datei hat sich seit dem Einlesen geändert; sie bleibt bis zum nächsten, wie sie ist.",
  "The file would not be shown as it was turned, so it was left as it is.":
    "Die Datei würde nicht so gezeigt, wie sie gedreht wurde; sie blieb, wie sie ist.",
  "The picture would have changed, so the file was left as it is.": "Das Bild hätte sich geändert; die Datei blieb, wie sie ist.",
  "The sidecar beside this file is not well formed and was left as it is.":
    "Die Begleitdatei neben dieser Datei ist nicht wohlgeformt und blieb, wie sie ist.",
  "What was written could not be read back, so the file was left as it is.":
    "Was geschrieben wurde, ließ sich nicht wieder lesen; die Datei blieb, wie sie ist.",

  // Imports from a Nextcloud
  "Listing the files of your Nextcloud": "Die Dateien deiner Nextcloud werden aufgelistet",
  "Importing from your Nextcloud": "Aus deiner Nextcloud wird geholt",
  "Another import from your Nextcloud is running.": "Aus deiner Nextcloud wird schon geholt.",
  "Importing from Nextcloud is switched off on this server.": "Das Holen aus einer Nextcloud ist auf diesem Server ausgeschaltet.",
  "Enter the address, the user name and an app password of your Nextcloud first.":
    "Gib erst die Adresse, den Benutzernamen und ein App-Passwort deiner Nextcloud an.",
  "Choose the folder of your Nextcloud to import from first.": "Wähle erst den Ordner deiner Nextcloud, aus dem geholt wird.",
  "The app password cannot be read any more; enter it again.": "Das App-Passwort ist nicht mehr zu lesen; gib es noch einmal ein.",
  "This address is not encrypted. Use https, or have an admin allow its host by LIBREPHOTOS_PRIVATE_HOSTS.":
    "Diese Adresse ist nicht verschlüsselt. Nimm https, oder lass sie durch LIBREPHOTOS_PRIVATE_HOSTS erlauben.",
  "This address leads to a private network; an admin can allow its host by LIBREPHOTOS_PRIVATE_HOSTS.":
    "Diese Adresse führt in ein privates Netz; erlauben lässt sie sich durch LIBREPHOTOS_PRIVATE_HOSTS.",
  "The server '{1}' could not be reached.": "Der Server „{1}“ war nicht zu erreichen.",
  "The certificate of the server '{1}' is not valid for its name.": "Das Zertifikat des Servers „{1}“ gilt nicht für seinen Namen.",
  "The connection to the server '{1}' broke off or took too long.":
    "Die Verbindung zum Server „{1}“ brach ab oder dauerte zu lange.",
  "The server leads to another address; enter that one in the settings.":
    "Der Server verweist auf eine andere Adresse; gib diese in den Einstellungen an.",
  "The server did not accept the user name and the app password.":
    "Der Server nahm den Benutzernamen und das App-Passwort nicht an.",
  "'{1}' is not there on the server.": "„{1}“ gibt es auf dem Server nicht.",
  "'{1}' lies too deep.": "„{1}“ liegt zu tief.",
  "{1} names in '{2}' cannot be used.": "{1} Namen in „{2}“ sind nicht zu verwenden.",
  "The server answered with status {1} for '{2}'.": "Der Server antwortete zu „{2}“ mit dem Status {1}.",
  "What the server sent of '{1}' is not as long as it said.": "Was der Server von „{1}“ sandte, hat nicht die angekündigte Länge.",
  "The server does not say how long '{1}' is.": "Der Server sagt nicht, wie lang „{1}“ ist.",
  "The name of '{1}' cannot be used.": "Der Name von „{1}“ ist nicht zu verwenden.",
  "The folder for '{1}' leads elsewhere by a link.": "Der Ordner für „{1}“ führt durch eine Verknüpfung woandershin.",
  "The library is busy with another upload.": "Die Sammlung ist mit einem anderen Hochladen beschäftigt.",
  "The server's answer is no list of files (WebDAV).": "Die Antwort des Servers ist keine Liste von Dateien (WebDAV).",
  "The server's answer is about another folder.": "Die Antwort des Servers handelt von einem anderen Ordner.",
  "The folder has too many files.": "In dem Ordner sind zu viele Dateien.",
  "Rule {1} names no tag: letters, digits, colons and hyphens only, such as EXIF:DateTimeOriginal.":
    "Regel {1} nennt keinen Tag: nur Buchstaben, Ziffern, Doppelpunkte und Bindestriche, wie EXIF:DateTimeOriginal.",
  "This is no path of a folder.": "Das ist kein Pfad eines Ordners.",
};

/** What stands in the gaps of sentences, and what is put together from pieces. */
const pieces: Record<string, string> = {
  "Reading files: {1}": "Dateien werden gelesen: {1}",
  "{1} skipped": "{1} ausgelassen",
  "{1} failed": "{1} misslungen",
  username: "dem Benutzernamen",
  "email address": "der E-Mail-Adresse",
  "first name": "dem Vornamen",
  "last name": "dem Nachnamen",
  "name of this server": "dem Namen dieses Servers",
  file: "Datei",
  folder: "Ordner",
  "scan directory": "Fotoordner",
  "upload directory": "Ordner zum Hochladen",
  "is only sound": "ist nur Ton",
  "are no pictures": "sind keine Bilder",
  "on another file system than before, and ": "(jetzt auf einem anderen Dateisystem) ",
  "missing {1} of {2} known files": "fehlen {1} von {2} bekannten Dateien",
  "on another file system than before, and missing {1} of {2} known files":
    "(jetzt auf einem anderen Dateisystem) fehlen {1} von {2} bekannten Dateien",
  "exit status {1}": "Endcode {1}",
  "not running": "läuft nicht",
  // What the system says of files
  "permission denied": "keine Berechtigung",
  "operation not permitted": "nicht erlaubt",
  "no such file or directory": "nicht vorhanden",
  "not a directory": "kein Ordner",
  "is a directory": "ein Ordner",
  "input/output error": "Fehler beim Lesen oder Schreiben",
  "no space left on device": "kein Platz mehr frei",
  "disk quota exceeded": "der erlaubte Platz ist aufgebraucht",
  "read-only file system": "das Dateisystem ist nur zu lesen",
  "file name too long": "der Name ist zu lang",
  "file too large": "die Datei ist zu groß",
  "too many open files": "zu viele offene Dateien",
  "too many levels of symbolic links": "die Verknüpfungen führen im Kreis",
  "device or resource busy": "in Gebrauch",
  "stale file handle": "das Netzlaufwerk hat sich geändert",
  "transport endpoint is not connected": "das Netzlaufwerk ist nicht verbunden",
  "host is down": "der andere Rechner antwortet nicht",
  "connection timed out": "der andere Rechner antwortet nicht",
  "connection refused": "der andere Rechner lehnt ab",
};

export const de: Record<string, string> = { ...pieces, ...sentences };
