// Country names of the Online Retail file and their ISO codes; what names no country has none.
export const COUNTRIES = {
  'United Kingdom': 'GB', 'Germany': 'DE', 'France': 'FR', 'EIRE': 'IE', 'Netherlands': 'NL', 'Spain': 'ES', 'Belgium': 'BE',
  'Switzerland': 'CH', 'Australia': 'AU', 'Portugal': 'PT', 'Norway': 'NO', 'Channel Islands': 'JE', 'Cyprus': 'CY', 'Italy': 'IT',
  'Finland': 'FI', 'Japan': 'JP', 'Sweden': 'SE', 'Hong Kong': 'HK', 'Poland': 'PL', 'Denmark': 'DK', 'Austria': 'AT',
  'Singapore': 'SG', 'Iceland': 'IS', 'Greece': 'GR', 'Canada': 'CA', 'Malta': 'MT', 'Lebanon': 'LB', 'Israel': 'IL',
  'Lithuania': 'LT', 'Brazil': 'BR', 'United Arab Emirates': 'AE', 'USA': 'US', 'Bahrain': 'BH', 'Czech Republic': 'CZ',
  'Saudi Arabia': 'SA', 'RSA': 'ZA',
};
