package catalog

import (
	"sync"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Renderer renders for one site and remembers what it compiled: a stored version
// of a message type never changes. Its methods may be called by many goroutines.
type Renderer struct {
	site     brand.Site
	mu       sync.Mutex
	compiled map[versionKey]compiled
}

// maxCompiled bounds what a Renderer remembers; one entry is some 30 kB.
const maxCompiled = 512

type versionKey struct {
	key     string
	version int64
	locale  models.Locale
}

// NewRenderer returns a Renderer for the site, which replaces that of every Input.
func NewRenderer(site brand.Site) *Renderer {
	return &Renderer{site: site, compiled: map[versionKey]compiled{}}
}

// Render is the function Render with the renderer's site. A type with a version
// must be the stored one; drafts have version zero.
func (r *Renderer) Render(t models.MessageType, locale models.Locale, in Input) (models.Rendered, error) {
	return r.RenderTogether([]Part{{Type: t, Input: in}}, locale)
}

// Preview is Render, with the samples of the locale when in.Variables is nil.
func (r *Renderer) Preview(t models.MessageType, locale models.Locale, in Input) (models.Rendered, error) {
	chosen, _, err := choose(t, locale)
	if err != nil {
		return models.Rendered{}, err
	}
	if in.Variables == nil {
		in.Variables = Samples(t, chosen)
	}
	return r.Render(t, locale, in)
}

func (r *Renderer) compile(t models.MessageType, locale models.Locale, template document.Template) (compiled, []models.Field) {
	key := versionKey{t.Key, t.Version, locale}
	r.mu.Lock()
	c, ok := r.compiled[key]
	r.mu.Unlock()
	if ok && t.Version > 0 {
		return c, nil
	}
	c, faults := compile(t, locale, template)
	if len(faults) == 0 && t.Version > 0 {
		r.remember(key, c)
	}
	return c, faults
}

// remember forgets everything when there is too much of it: a catalogue that
// large is rare, and compiling is cheap.
func (r *Renderer) remember(key versionKey, c compiled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.compiled) >= maxCompiled {
		clear(r.compiled)
	}
	r.compiled[key] = c
}
