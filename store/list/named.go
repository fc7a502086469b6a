package list

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// Named selects people, products and bots; its parts are combined with "and", and zero
// values select all. There are at most some thousands of them where it looks: it reads
// through the index of the list.
type Named struct {
	// Search is a part of a name, whatever its case.
	Search  string
	Enabled *bool
	Channel models.Channel
}

// Apply narrows rows with these columns for names.
func (f Named) Apply(q *gorm.DB, names ...string) *gorm.DB {
	if f.Search != "" {
		parts, args := make([]string, len(names)), make([]any, len(names))
		for i, name := range names {
			parts[i], args[i] = "INSTR(LOWER("+name+"), ?) > 0", strings.ToLower(f.Search)
		}
		q = q.Where(strings.Join(parts, " OR "), args...)
	}
	if f.Enabled != nil {
		q = q.Where("enabled = ?", *f.Enabled)
	}
	if f.Channel != "" {
		q = q.Where("channel = ?", Exactly(string(f.Channel)))
	}
	return q
}

// Accounts selects accounts; zero values select all.
type Accounts struct {
	// Search is the id, or the beginning of the alias or the name, whatever its case.
	Search  string
	Enabled *bool
}

// found bounds how many accounts each way of searching finds.
const found = 500

// List returns a page of the rows that rows begins to select, newest first. Indexes:
// accounts_newest or accounts_enabled; for a search accounts_alias, accounts_name and the
// primary key.
func (f Accounts) List(rows func() *gorm.DB, page Page) ([]models.Account, string, error) {
	key := func(a models.Account) (time.Time, string) { return a.CreatedAt, string(a.ID) }
	if f.Search == "" {
		q, index := rows(), "accounts_newest"
		if f.Enabled != nil {
			q, index = q.Where("enabled = ?", *f.Enabled), "accounts_enabled"
		}
		return Newest(q.Table("accounts "+IndexHint(q.Name(), index)), page, key)
	}
	all, err := f.search(rows)
	if err != nil {
		return nil, "", err
	}
	slices.SortFunc(all, func(a, b models.Account) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(string(b.ID), string(a.ID)))
	})
	all = slices.CompactFunc(all, func(a, b models.Account) bool { return a.ID == b.ID })
	if page.After != "" {
		at, id, err := parseTimeKey(page.After)
		if err != nil {
			return nil, "", err
		}
		all = slices.DeleteFunc(all, func(a models.Account) bool {
			return a.CreatedAt.After(at) || a.CreatedAt.Equal(at) && string(a.ID) >= id
		})
	}
	rest, next := Cut(all[:min(len(all), page.Size()+1)], page, func(a models.Account) string { return timeKey(key(a)) })
	return rest, next, nil
}

// search returns what each way finds; what two of them find is there twice.
func (f Accounts) search(rows func() *gorm.DB) ([]models.Account, error) {
	text := strings.ToLower(f.Search)
	all := []models.Account{}
	for _, q := range []*gorm.DB{
		rows().Where("id = ?", Exactly(f.Search)),
		rows().Where("alias >= ? AND alias < ?", text, text+last).Order("alias").Limit(found),
		rows().Where("name_lower >= ? AND name_lower < ?", text, text+last).Order("name_lower").Limit(found),
	} {
		if f.Enabled != nil {
			q = q.Where("enabled = ?", *f.Enabled)
		}
		var part []models.Account
		if err := q.Find(&part).Error; err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

// last comes after every text that people write.
const last = "\U0010FFFF"
