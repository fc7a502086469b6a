package operation

import "belfry.dev/belfry/store"

// Search is embedded by the In types of lists of accounts, people and products.
type Search struct {
	Q       string `query:"q" maxLength:"100" doc:"A part of a name, whatever its case."`
	Enabled string `query:"enabled" enum:"true,false" doc:"Only those that are, or are not."`
}

// Parts bind a cursor to the search.
func (s Search) Parts() []string { return []string{s.Q, s.Enabled} }

// OnlyEnabled says whether they must be enabled, or must not; nil for both.
func (s Search) OnlyEnabled() *bool {
	if s.Enabled == "" {
		return nil
	}
	enabled := s.Enabled == "true"
	return &enabled
}

// Filter is what the store looks for.
func (s Search) Filter() store.NamedFilter {
	return store.NamedFilter{Search: s.Q, Enabled: s.OnlyEnabled()}
}
