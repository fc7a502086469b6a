package list

import "gorm.io/gorm"

// Names returns what people call those of q's rows, by id: their names where they have no
// other. Rows that are gone are missing. Index: primary key.
func Names(q *gorm.DB, ids []string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct{ ID, Name, DisplayName string }
	err := q.Select("id", "name", "display_name").Where("id IN ?", ids).Find(&rows).Error
	for _, r := range rows {
		names[r.ID] = r.Name
		if r.DisplayName != "" {
			names[r.ID] = r.DisplayName
		}
	}
	return names, err
}
