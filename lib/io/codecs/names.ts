// The encodings that need a table, each with the other names that Python has for it.

import type { Longest } from './multibyte.js';

const two: Longest = () => 2;

/** The bytes 0x80, 0xa0 and those from 0xfd begin no character of two bytes. */
const ofShiftJis: Longest = (data, position) => {
  const lead = data[position] as number;
  return lead === 0x80 || lead === 0xa0 || lead > 0xfc ? 1 : 2;
};

/** Those of JIS X 0212 begin with 0x8f. */
const ofEucJp: Longest = (data, position) => (data[position] === 0x8f ? 3 : 2);

/** A digit behind the first byte tells that two more follow. */
const ofGb18030: Longest = (data, position) => {
  const second = data[position + 1] ?? 0;
  return second >= 0x30 && second <= 0x39 ? 4 : 2;
};

/** East Asian encodings: the most bytes a character has, then the encoding's other names. */
export const MULTIBYTE: Readonly<Record<string, readonly [longest: Longest, aliases: string]>> = {
  big5: [two, 'big5_tw csbig5 x_mac_trad_chinese'],
  big5hkscs: [two, 'big5_hkscs hkscs'],
  cp932: [ofShiftJis, '932 ms932 ms_kanji mskanji windows_31j'],
  cp949: [two, '949 ms949 uhc'],
  cp950: [two, '950 ms950'],
  euc_jp: [ofEucJp, 'eucjp u_jis ujis'],
  euc_kr: [two, 'euckr korean ks_c_5601 ks_c_5601_1987 ks_x_1001 ksc5601 ksx1001 x_mac_korean'],
  gb2312: [
    two,
    'chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312_1980 gb2312_80 iso_ir_58 x_mac_simp_chinese',
  ],
  gb18030: [ofGb18030, 'gb18030_2000'],
  gbk: [two, '936 cp936 ms936'],
  shift_jis: [ofShiftJis, 'csshiftjis s_jis shiftjis sjis x_mac_japanese'],
};

/** Encodings with one byte for each character, with their other names. */
export const CODE_PAGES: Readonly<Record<string, string>> = {
  cp437: '437 cspc8codepage437 ibm437',
  cp720: '',
  cp737: '',
  cp775: '775 cspc775baltic ibm775',
  cp850: '850 cspc850multilingual ibm850',
  cp852: '852 cspcp852 ibm852',
  cp855: '855 csibm855 ibm855',
  cp856: '',
  cp857: '857 csibm857 ibm857',
  cp858: '858 csibm858 ibm858',
  cp860: '860 csibm860 ibm860',
  cp861: '861 cp_is csibm861 ibm861',
  cp862: '862 cspc862latinhebrew ibm862',
  cp863: '863 csibm863 ibm863',
  cp864: '864 csibm864 ibm864',
  cp865: '865 csibm865 ibm865',
  cp866: '866 csibm866 ibm866',
  cp869: '869 cp_gr csibm869 ibm869',
  cp874: '',
  cp1125: '1125 cp866u ibm1125 ruscii',
  cp1250: '1250 windows_1250',
  cp1251: '1251 windows_1251',
  cp1252: '1252 windows_1252',
  cp1253: '1253 windows_1253',
  cp1254: '1254 windows_1254',
  cp1255: '1255 windows_1255',
  cp1256: '1256 windows_1256',
  cp1257: '1257 windows_1257',
  cp1258: '1258 windows_1258',
  hp_roman8: 'cp1051 csHPRoman8 ibm1051 r8 roman8',
  iso8859_2: 'csisolatin2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2',
  iso8859_3: 'csisolatin3 iso_8859_3 iso_8859_3_1988 iso_ir_109 l3 latin3',
  iso8859_4: 'csisolatin4 iso_8859_4 iso_8859_4_1988 iso_ir_110 l4 latin4',
  iso8859_5: 'csisolatincyrillic cyrillic iso_8859_5 iso_8859_5_1988 iso_ir_144',
  iso8859_6: 'arabic asmo_708 csisolatinarabic ecma_114 iso_8859_6 iso_8859_6_1987 iso_ir_127',
  iso8859_7: 'csisolatingreek ecma_118 elot_928 greek greek8 iso_8859_7 iso_8859_7_1987 iso_ir_126',
  iso8859_8: 'csisolatinhebrew hebrew iso_8859_8 iso_8859_8_1988 iso_ir_138',
  iso8859_9: 'csisolatin5 iso_8859_9 iso_8859_9_1989 iso_ir_148 l5 latin5',
  iso8859_10: 'csisolatin6 iso_8859_10 iso_8859_10_1992 iso_ir_157 l6 latin6',
  iso8859_11: 'iso_8859_11 iso_8859_11_2001 thai',
  iso8859_13: 'iso_8859_13 l7 latin7',
  iso8859_14: 'iso_8859_14 iso_8859_14_1998 iso_celtic iso_ir_199 l8 latin8',
  iso8859_15: 'iso_8859_15 l9 latin9',
  iso8859_16: 'iso_8859_16 iso_8859_16_2001 iso_ir_226 l10 latin10',
  koi8_r: 'cskoi8r',
  koi8_t: '',
  koi8_u: '',
  mac_croatian: '',
  mac_cyrillic: 'maccyrillic',
  mac_greek: 'macgreek',
  mac_iceland: 'maciceland',
  mac_roman: 'macintosh macroman',
  mac_turkish: 'macturkish',
  tis_620: 'iso_ir_166 tis620 tis_620_0 tis_620_2529_0 tis_620_2529_1',
};

/** Python's codecs that are no text encodings. */
export const NOT_TEXT: readonly string[] = (
  'base64 base64_codec base_64 bz2 bz2_codec hex hex_codec quopri quopri_codec quoted_printable ' +
  'quotedprintable rot13 rot_13 uu uu_codec zip zlib zlib_codec'
).split(' ');
