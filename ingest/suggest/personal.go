package suggest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// personalWords are words of headers, in English, Spanish, Portuguese and French, and what a column is then likely to hold.
var personalWords = []struct {
	what  string
	words []string
}{
	{"an e-mail address", []string{"email", "mail", "correo", "courriel", "emails"}},
	{"a telephone number", []string{"phone", "telephone", "tel", "telefono", "telefone", "celular", "movil", "mobile", "cell", "cellphone", "fax", "whatsapp", "portable"}},
	{"an official number of a person", []string{"ssn", "passport", "pasaporte", "passaporte", "passeport", "cedula", "dni", "nif", "nie", "rut", "cpf", "curp", "rfc", "rg", "nir", "license", "licence", "plate", "placa", "patente", "iban", "nin", "documento"}},
	{"a date of birth", []string{"birth", "birthdate", "birthday", "dob", "nacimiento", "nascimento", "naissance"}},
	{"a name", []string{"surname", "lastname", "firstname", "fullname", "forename", "apellido", "apellidos", "nombres", "sobrenome", "prenom", "apelido"}},
	{"a person", []string{"reporter", "complainant", "applicant", "claimant", "resident", "citizen", "victim", "patient", "tenant", "owner", "solicitante", "denunciante", "ciudadano", "propietario", "requerente", "cidadao", "proprietario", "plaignant", "demandeur", "citoyen", "proprietaire"}},
	{"an address", []string{"address", "addr", "street", "direccion", "domicilio", "calle", "endereco", "logradouro", "rua", "adresse", "rue", "house"}},
	{"a place to the metre", []string{"latitude", "longitude", "lat", "lon", "lng", "long", "latitud", "longitud", "coordinates", "coordenadas", "coordonnees", "geom", "geometry", "xcoord", "ycoord", "easting", "northing"}},
	{"a network address", []string{"ip", "ipaddress"}},
}

// pairs of words mean a person where the words alone may not.
var personalPairs = [][2]string{
	{"first", "name"}, {"last", "name"}, {"full", "name"}, {"middle", "name"}, {"given", "name"}, {"maiden", "name"}, {"contact", "name"}, {"employee", "name"}, {"national", "id"},
	{"social", "security"}, {"tax", "id"}, {"credit", "card"}, {"geo", "point"}, {"x", "coord"}, {"y", "coord"}, {"data", "nascimento"}, {"postal", "address"},
}

// personNames are headers that name a person or a thing, as their values tell.
var personNames = []string{"name", "nombre", "nome", "nom", "names"}

// things are words that make a name the name of a thing.
var things = []string{"agency", "department", "dept", "organization", "organisation", "school", "park", "site", "facility", "district", "neighborhood", "neighbourhood", "project", "programme", "program",
	"product", "company", "institution", "station", "library", "measure", "indicator", "dataset", "category", "service", "fund", "account", "agencia", "entidad", "dependencia", "orgao", "secretaria",
	"escuela", "escola", "ecole", "barrio", "bairro", "quartier", "proyecto", "projeto", "projet", "producto", "empresa", "ville", "ciudad", "cidade", "city"}

// freeText are headers of what people write in their own words.
var freeText = []string{"notes", "note", "comment", "comments", "description", "remarks", "observaciones", "comentarios", "observacoes", "comentario", "descripcion", "descricao", "commentaire", "commentaires", "remarques", "observation", "text", "narrative"}

// personalForms are what values look like that speak of a person, wherever they stand.
var personalForms = []struct {
	what string
	form *regexp.Regexp
}{
	{"e-mail addresses", regexp.MustCompile(`[^\s@]+@[^\s@]+\.[A-Za-z]{2,}`)},
	{"official numbers of persons", regexp.MustCompile(`^(\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|\d{1,2}\.\d{3}\.\d{3}-[\dkK]|[A-Z]{4}\d{6}[A-Z]{6}[A-Z0-9]{2}|\d{8}[A-Z])$`)},
	{"telephone numbers", regexp.MustCompile(`^(\+\d[\d ().-]{7,17}\d|\(\d{2,4}\) ?\d[\d -]{5,11}\d|\d{3}[-.]\d{3}[-.]\d{4}|\d{2}( \d{2}){4})$`)},
	{"bank accounts", regexp.MustCompile(`^[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?$`)},
	{"network addresses", regexp.MustCompile(`^\d{1,3}(\.\d{1,3}){3}$`)},
	{"addresses", regexp.MustCompile(`(?i)^(\d+[a-z]? +(\S+ +){1,4}(st|street|ave|avenue|rd|road|blvd|dr|drive|ln|lane|ct|court|pl|place|way)\b|(calle|carrera|avenida|rua|rue|r\.|av\.) .*\d)`)},
}

// personal says why a column may speak of persons; empty if nothing speaks for it.
func personal(header string, values []string) string {
	in := words(header)
	has := func(w string) bool { return slices.Contains(in, w) }
	for _, p := range personalWords {
		for _, w := range p.words {
			if has(w) {
				return "its name says that it holds " + p.what
			}
		}
	}
	if h := fold(strings.TrimSpace(header)); h == "first" || h == "last" {
		return "its name says that it holds a part of a name"
	}
	thing := slices.ContainsFunc(things, has)
	for _, p := range personalPairs {
		if has(p[0]) && has(p[1]) && !thing {
			return "its name says that it holds what tells a person"
		}
	}
	for _, f := range personalForms {
		n := 0
		for _, v := range values {
			if f.form.MatchString(v) {
				n++
			}
		}
		if n > 0 && (n*20 >= len(values) || f.what == "e-mail addresses" || f.what == "official numbers of persons") {
			return "its values look like " + f.what
		}
	}
	if !thing && slices.ContainsFunc(personNames, has) && peopleLike(values) {
		return "its values look like names of people"
	}
	if slices.ContainsFunc(freeText, has) && long(values) || long(values) && distinct(values) > len(values)/2 {
		return "free text may name people"
	}
	return ""
}

// peopleLike reports whether most values are two to four words with a capital, hardly any of them twice.
func peopleLike(values []string) bool {
	n := 0
	for _, v := range values {
		if parts := strings.Fields(v); len(parts) >= 2 && len(parts) <= 4 && !slices.ContainsFunc(parts, notName) {
			n++
		}
	}
	return n*2 > len(values) && distinct(values)*2 > len(values)
}

func notName(w string) bool {
	r := []rune(w)
	return !unicode.IsUpper(r[0]) && len(r) > 3 || strings.ContainsFunc(w, func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune("&/()_", r) })
}

// long reports whether values are sentences rather than words.
func long(values []string) bool {
	total := 0
	for _, v := range values {
		total += len(v)
	}
	return len(values) > 0 && total/len(values) > 40
}

func distinct(values []string) int {
	seen := map[string]bool{}
	for _, v := range values {
		seen[v] = true
	}
	return len(seen)
}
