SELECT concat_ws(', ', address.line1, concat_ws(' ', address.postal_code, address.city), address.country)
