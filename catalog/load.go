package catalog

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

//go:embed categories.json types
var shippedFiles embed.FS

// Shipped returns the categories and message types that this release brings.
// An error names the file and means that the release is broken.
func Shipped() (Shipment, error) { return Load(shippedFiles) }

// Load reads a catalogue: categories.json, and one folder per message type under
// types. It is strict: unknown or missing files, unknown members, and whatever
// Check refuses are errors that name the file.
func Load(files fs.FS) (Shipment, error) {
	var s Shipment
	if err := readJSON(files, "categories.json", &s.Categories); err != nil {
		return Shipment{}, err
	}
	folders, err := fs.ReadDir(files, "types")
	if err != nil {
		return Shipment{}, fmt.Errorf("read catalogue: %w", err)
	}
	for _, folder := range folders {
		t, err := loadType(files, folder.Name())
		if err != nil {
			return Shipment{}, err
		}
		if !slices.ContainsFunc(s.Categories, func(c models.Category) bool { return c.Key == t.Category }) {
			return Shipment{}, fmt.Errorf("types/%s: there is no category %q", folder.Name(), t.Category)
		}
		s.Types = append(s.Types, t)
	}
	slices.SortFunc(s.Types, func(a, b models.MessageType) int { return strings.Compare(a.Key, b.Key) })
	return s, nil
}

// typeFile is type.json: a message type without what the folder says.
type typeFile struct {
	// Extends is the key of a type that this one is a variety of: members and texts that it
	// has not are that one's, and of variables those that it does not name.
	Extends         string                   `json:"extends"`
	Names           map[models.Locale]string `json:"names"`
	Descriptions    map[models.Locale]string `json:"descriptions"`
	Audience        []string                 `json:"audience"`
	Severity        models.Severity          `json:"severity"`
	DeadlineSeconds int64                    `json:"deadline_seconds"`
	Default         []models.Channel         `json:"default"`
	Locked          []models.Channel         `json:"locked"`
	Strict          bool                     `json:"strict"`
	Marketing       bool                     `json:"marketing"`
	Optional        bool                     `json:"optional"`
	AtMostOnce      bool                     `json:"at_most_once"`
	Internal        bool                     `json:"internal"`
	Variables       []models.Variable        `json:"variables"`
}

func loadType(files fs.FS, key string) (models.MessageType, error) {
	folder := path.Join("types", key)
	f, folders, err := readType(files, folder)
	if err != nil {
		return models.MessageType{}, err
	}
	t := models.MessageType{
		Key: key, Category: models.CategoryOf(key), Names: f.Names, Descriptions: f.Descriptions,
		Audience: f.Audience, Severity: f.Severity, DeadlineSeconds: f.DeadlineSeconds,
		Default: f.Default, Locked: f.Locked, Strict: f.Strict, Marketing: f.Marketing, Optional: f.Optional,
		AtMostOnce: f.AtMostOnce, Internal: f.Internal, Enabled: true, Variables: f.Variables, Trusted: true,
		Templates: map[models.Locale]document.Template{},
	}
	if err := onlyFiles(files, folder, append([]string{"type.json"}, Locales()...)); err != nil {
		return t, err
	}
	for _, locale := range Locales() {
		template, err := loadTemplate(files, folders, locale)
		if err != nil {
			return t, err
		}
		t.Templates[locale] = template
	}
	if faults := Check(t); len(faults) > 0 {
		return t, fmt.Errorf("%s: %s: %s", folder, fileOf(faults[0].Pointer), faults[0].Detail)
	}
	return t, nil
}

// readType reads type.json over that of the type that it extends, and returns the folders
// that its texts are looked for in, its own first. There is one step only.
func readType(files fs.FS, folder string) (f typeFile, folders []string, err error) {
	if err := readJSON(files, path.Join(folder, "type.json"), &f); err != nil || f.Extends == "" {
		return f, []string{folder}, err
	}
	whole := typeFile{}
	base := path.Join("types", f.Extends)
	if err := readJSON(files, path.Join(base, "type.json"), &whole); err != nil {
		return f, nil, fmt.Errorf("%s: extends: %w", folder, err)
	}
	if whole.Extends != "" {
		return f, nil, fmt.Errorf("%s: extends %s, which extends another", folder, f.Extends)
	}
	variables := whole.Variables
	whole.Variables = nil
	if err := readJSON(files, path.Join(folder, "type.json"), &whole); err != nil {
		return f, nil, err
	}
	whole.Variables = append(slices.DeleteFunc(variables, func(v models.Variable) bool {
		return slices.ContainsFunc(whole.Variables, func(own models.Variable) bool { return own.Name == v.Name })
	}), whole.Variables...)
	slices.SortFunc(whole.Variables, func(a, b models.Variable) int { return strings.Compare(a.Name, b.Name) })
	return whole, []string{folder, base}, nil
}

// formats returns the file of each format with the place of its text. That of HTML may be
// missing: it is made of the body then.
func formats(t *document.Template) map[string]*string {
	return map[string]*string{
		"title.txt": &t.Title, "body.txt": &t.Body, "subject.txt": &t.Subject, contentFile: &t.HTML, "short.txt": &t.Short,
	}
}

const contentFile = "content.html"

// loadTemplate reads each text from the first folder that has it.
func loadTemplate(files fs.FS, folders []string, locale models.Locale) (document.Template, error) {
	var t document.Template
	var names []string
	for name, text := range formats(&t) {
		names = append(names, name)
		data, err := firstFile(files, folders, path.Join(locale, name))
		if name == contentFile && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return t, fmt.Errorf("read catalogue: %w", err)
		}
		if !utf8.Valid(data) || bytes.Contains(data, []byte("\r")) {
			return t, fmt.Errorf("%s: must be UTF-8 with line feeds", path.Join(folders[0], locale, name))
		}
		*text = strings.TrimRight(string(data), "\n")
	}
	if len(folders) > 1 {
		if _, err := fs.Stat(files, path.Join(folders[0], locale)); errors.Is(err, fs.ErrNotExist) {
			return t, nil
		}
	}
	return t, onlyFiles(files, path.Join(folders[0], locale), names)
}

// firstFile reads the file from the first folder that has it; the error is the first one's.
func firstFile(files fs.FS, folders []string, name string) (data []byte, err error) {
	for i, folder := range folders {
		found, failure := fs.ReadFile(files, path.Join(folder, name))
		if failure == nil {
			return found, nil
		}
		if i == 0 {
			err = failure
		}
	}
	return nil, err
}

// fileOf turns a pointer into a template to the name of the file it came from.
func fileOf(pointer string) string {
	parts := strings.Split(pointer, "/")
	if len(parts) != 4 || parts[1] != "templates" {
		return "type.json: " + pointer
	}
	for _, name := range []string{"title.txt", "body.txt", "subject.txt", contentFile, "short.txt"} {
		stem, extension, _ := strings.Cut(name, ".")
		if stem == parts[3] || extension == parts[3] {
			return path.Join(parts[2], name)
		}
	}
	return pointer
}

// onlyFiles refuses a folder that holds anything but the names.
func onlyFiles(files fs.FS, folder string, names []string) error {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	for _, entry := range entries {
		if !slices.Contains(names, entry.Name()) {
			return fmt.Errorf("%s: not a file of a message type", path.Join(folder, entry.Name()))
		}
	}
	return nil
}

func readJSON(files fs.FS, name string, into any) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%s: something follows the value", name)
	}
	return nil
}
